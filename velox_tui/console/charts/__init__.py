"""Charts: the raster that turns numbers into cells, axes, and the panes painted with them."""
