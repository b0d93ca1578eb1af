"""What is not checked for vulnerabilities is said, and never counts as clean."""

import json

from supply_chain.audit import Result, exit_code, read_npm_audit, read_pip_audit

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
VULNERABLE = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-2021-66", "fix_versions": ["2.11.3"]}],
}
SKIPPED = {"name": "celery", "skip_reason": "Dependency not found on PyPI: celery (5.7.0)"}


def pip(*packages):
    return read_pip_audit(json.dumps({"dependencies": packages, "fixes": []}), "")


def test_clean_packages_are_counted():
    assert pip(CLEAN).lines() == ["PyPI: 1 packages, no known vulnerability."]
    assert exit_code([pip(CLEAN)]) == 0


def test_vulnerability_is_named_with_its_fix():
    result = pip(CLEAN, VULNERABLE)
    assert result.lines() == ["PyPI: jinja2 2.0 has PYSEC-2021-66 (fixed in 2.11.3)"]
    assert exit_code([result, Result("npm")]) == 1


def test_package_that_the_service_does_not_know_was_not_checked():
    result = pip(CLEAN, *[SKIPPED] * 7)
    assert result.checked == 1
    assert result.lines()[1] == (
        "PyPI: NOT CHECKED: the service had no answer about"
        " celery, celery, celery, celery, celery and 2 more."
    )
    assert exit_code([result]) == 2


def test_unreachable_service_is_one_sentence():
    result = read_pip_audit("", "Traceback\nConnectionError: Failed to resolve 'pypi.org'\n")
    assert result.lines() == [
        "PyPI: NOT CHECKED: the service could not be asked"
        " (ConnectionError: Failed to resolve 'pypi.org')."
    ]
    assert exit_code([pip(CLEAN), result]) == 2


def test_npm_answer_is_read():
    answer = {
        "vulnerabilities": {"async": {"range": "<2.6.4", "severity": "high"}},
        "metadata": {"dependencies": {"total": 40}},
    }
    assert read_npm_audit(json.dumps(answer), "").lines() == [
        "npm: async <2.6.4 is vulnerable (high)"
    ]
    clean = read_npm_audit(json.dumps(answer | {"vulnerabilities": {}}), "")
    assert clean.lines() == ["npm: 40 packages, no known vulnerability."]


def test_npm_error_was_not_checked():
    errors = "npm error audit endpoint returned an error\nnpm error A complete log of this run: x\n"
    result = read_npm_audit('{"message": "405 Method Not Allowed"}', errors)
    assert result.not_checked == (
        "the service could not be asked (npm error audit endpoint returned an error)."
    )
