"""What the platform is made of: known vulnerabilities, licences, bills of materials, images.

`make audit` and `make sbom` call these modules, and hosts call `images`; no process of the platform
imports them.
"""
