#!/usr/bin/python3
"""Chroma's command line, which is compiled, without the Python client around it that a server never imports."""

import sys

import chromadb_rust_bindings

chromadb_rust_bindings.cli(["chroma", *sys.argv[1:]])
