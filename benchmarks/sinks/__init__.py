"""A channel of the benchmarks, put beside the product's own, and the receiver at its other end."""
