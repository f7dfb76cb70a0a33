"""Well-known modules whose distribution has another name, as data."""

from __future__ import annotations

from collections.abc import Mapping

DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "cairo": ("pycairo",),
    "Crypto": ("pycryptodome",),
    "Cryptodome": ("pycryptodomex",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "dateutil": ("python-dateutil",),
    "dns": ("dnspython",),
    "docx": ("python-docx",),
    "dotenv": ("python-dotenv",),
    "fitz": ("pymupdf",),
    "gi": ("pygobject",),
    "git": ("gitpython",),
    "google.protobuf": ("protobuf",),
    "jose": ("python-jose",),
    "jwt": ("pyjwt",),
    "kafka": ("kafka-python",),
    "ldap": ("python-ldap",),
    "magic": ("python-magic",),
    "memcache": ("python-memcached",),
    "MySQLdb": ("mysqlclient",),
    "nacl": ("pynacl",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow",),
    "pkg_resources": ("setuptools",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pythoncom": ("pywin32",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "slugify": ("python-slugify",),
    "snappy": ("python-snappy",),
    "socks": ("pysocks",),
    "usb": ("pyusb",),
    "win32api": ("pywin32",),
    "win32com": ("pywin32",),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}
"""Import name to the canonical names of the distributions that may bring it."""
