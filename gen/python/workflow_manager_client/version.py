"""The version of `swagger.yml` that this package was made from."""

VERSION = "0.17.0"
