"""Chunks of lanes to workers: processes, Dask."""
