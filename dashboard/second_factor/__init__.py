"""Two-step sign-in: a code of an authenticator app (TOTP, RFC 6238) after the password."""
