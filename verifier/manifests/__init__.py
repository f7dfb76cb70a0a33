"""enrich: manifests that say only what can be checked again. `pipeline.py` is where to begin."""
