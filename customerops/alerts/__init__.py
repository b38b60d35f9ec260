"""The rules Prometheus watches us by: rendered, compared with what is exported, mutated, tried in a drill."""
