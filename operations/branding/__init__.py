"""The company's name, logo, color and contact address, as candidates see them.

Administrators change them on the page *Branding*; COMPANY_NAME and COMPANY_CONTACT are what holds
where that page says nothing.
"""

from operations.branding.brand import Brand, brand_context, current_brand, forget_brand
from operations.branding.changes import change_brand

__all__ = ["Brand", "brand_context", "change_brand", "current_brand", "forget_brand"]
