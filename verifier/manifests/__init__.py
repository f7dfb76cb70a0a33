"""Manifests of modules, composed of evidence."""
