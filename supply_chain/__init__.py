"""What the platform is made of: known vulnerabilities, licences and a bill of materials.

`make audit` and `make sbom` call these modules; no process of the platform imports them.
"""
