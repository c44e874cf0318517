"""One module per screen; the layout of each is in styles/."""
