"""What the keys do, by theme: each module adds its actions to the app."""
