import unittest

from reconcile.money import to_minor, to_text


class ToMinor(unittest.TestCase):
    def test_reads_whole_and_broken_amounts(self):
        self.assertEqual(to_minor("20.50", "EUR"), 2050)
        self.assertEqual(to_minor("7", "EUR"), 700)

    def test_reads_thousands(self):
        self.assertEqual(to_minor("1,234.50", "EUR"), 123450)

    def test_is_exact(self):
        self.assertEqual(to_minor("1.15", "EUR"), 115)
        self.assertEqual(to_minor("0.29", "EUR"), 29)
        self.assertEqual(to_minor("90,071,992,547,409.93", "EUR"), 9007199254740993)

    def test_knows_currencies_without_minor_units(self):
        self.assertEqual(to_minor("4,200", "JPY"), 4200)

    def test_refuses_what_is_no_amount(self):
        for text, currency in [
            ("", "EUR"),
            ("abc", "EUR"),
            ("12.345", "EUR"),
            ("1.5", "JPY"),
            ("nan", "EUR"),
            ("1e3", "EUR"),
        ]:
            with self.subTest(text=text), self.assertRaises(ValueError):
                to_minor(text, currency)


class ToText(unittest.TestCase):
    def test_writes_what_people_read(self):
        self.assertEqual(to_text(123450, "EUR"), "1,234.50 EUR")
        self.assertEqual(to_text(-5, "EUR"), "-0.05 EUR")
        self.assertEqual(to_text(4200, "JPY"), "4,200 JPY")
