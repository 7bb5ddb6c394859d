"""The embedded engine: a Whoosh index with a columnar codec, built and searched by array operations."""
