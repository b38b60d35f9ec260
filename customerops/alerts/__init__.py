"""The rules Prometheus watches us by: rendered from thresholds, compared with what we export, tried in a drill."""
