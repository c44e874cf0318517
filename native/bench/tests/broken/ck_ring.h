#error "broken on purpose: a peer that cannot be built costs nothing but itself"
