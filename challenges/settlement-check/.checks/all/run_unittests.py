"""python3 run_unittests.py FOLDER: runs its tests, and writes JUnit XML to $CHECK_REPORT."""

import os
import re
import sys
import time
import unittest
from xml.etree import ElementTree


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.suite = ElementTree.Element("testsuite", name="unittest")

    def startTest(self, test):
        super().startTest(test)
        self.began = time.perf_counter()
        group, _, name = test.id().rpartition(".")
        self.case = ElementTree.SubElement(self.suite, "testcase", classname=group, name=name)

    def stopTest(self, test):
        super().stopTest(test)
        self.case.set("time", f"{time.perf_counter() - self.began:.3f}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.add("failure", test, error)

    def addError(self, test, error):
        if not hasattr(self, "case") or not test.id().endswith(self.case.get("name")):
            # A module that cannot be imported is no test.
            self.startTest(test)
        super().addError(test, error)
        self.add("error", test, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        ElementTree.SubElement(self.case, "skipped", message=reason)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.add("failure", subtest, error)

    def add(self, kind, test, error):
        text = self._exc_info_to_string(error, test)
        # XML has no place for other control characters.
        text = re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
        element = ElementTree.SubElement(self.case, kind, message=str(error[0].__name__))
        element.text = text


def main(folder):
    tests = unittest.defaultTestLoader.discover(folder, top_level_dir=".")
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(tests)
    ElementTree.ElementTree(result.suite).write(os.environ["CHECK_REPORT"], encoding="utf-8")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
