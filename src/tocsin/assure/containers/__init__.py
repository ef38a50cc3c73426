"""Containers: what holds other pieces. Each hands its members on, stored ones in place, packed ones to be spooled.

Libraries unpack (zlib, bz2, lzma, zstandard, lz4, tarfile, py7zr). The directory of a zip is read here: a library shows
one reader's view of it, and what is wrong is where two views differ (docs/adr/0024).
"""
