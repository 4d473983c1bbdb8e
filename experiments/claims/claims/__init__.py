"""The claims, one file each; whatever file is here is found."""
