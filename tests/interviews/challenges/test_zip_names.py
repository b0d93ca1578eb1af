"""How the names of an archive's entries are read, for each tool that writes them in its own way."""

import io
import struct
import unicodedata
import zipfile

import pytest

from interviews.challenges.zip_names import (
    NameEncoding,
    Reading,
    UnfitEncodingError,
    ZipNames,
    decode_names,
)
from tests.interviews.challenges.zips import (
    FAT,
    UNIX,
    UTF_8_FLAG,
    Entry,
    explorer,
    raw_zip,
    unicode_path,
)

# Names as people give them to the files of a task, by the code page of their Windows.
REAL_NAMES = {
    NameEncoding.CP932: """
        解答.py 問題.md 課題/入力データ.csv はじめに.txt テスト.py 資料/画像.png 注文一覧.json
        単体テスト仕様書.xlsx 在庫管理.sql ソースコード/メイン.java 読んでください.txt
        サンプル.json 開発環境の構築手順.md データ/売上_2024年度.csv 顧客リスト.csv
    """,
    NameEncoding.GBK: """
        答案.py 题目.md 说明.txt 数据/输入.csv 测试.py 需求文档.md 新建文件夹/笔记.txt
        订单列表.json 单元测试.py 库存管理.sql 源代码/主程序.java 示例.json 图片/截图.png
        用户信息.csv 请先阅读.txt
    """,
    NameEncoding.CP866: """
        решение.py Задание.md данные/входные.csv тесты.py Описание.txt заказы.json отчёт.xlsx
        склад.sql исходники/Главный.java пример.json картинки/схема.png прочитай.txt
        настройка.md продажи_2024.csv условия.md
    """,
    NameEncoding.CP852: """
        żółw.py Rozwiązanie.md wejście.csv źródła/główny.java część.txt zamówienia.json
        raport_końcowy.xlsx řešení.py úkol.md vstupní.csv příklad.json objednávky.json
        megoldás.py feladat_leírás.txt zgłoszenia.csv
    """,
    NameEncoding.CP850: """
        Lösung.py Übung.md Prüfung/Größe.csv Straßen.csv Erläuterung.txt Aufträge.json
        Verkäufe_2024.csv Äpfel.txt Kundenliste_März.csv können.txt Ändern.sql Bestände.csv
        Vorschläge.docx Schlüssel.py Zähler.java
    """,
    NameEncoding.CP949: """
        해답.py 문제.md 데이터/입력.csv 설명서.txt 테스트.py 새폴더/메모.txt 주문목록.json
        재고관리.sql 예제.json 읽어주세요.txt
    """,
    NameEncoding.CP950: """
        題目.md 資料/輸入.csv 說明.txt 新增資料夾/筆記.txt 訂單清單.json 庫存管理.sql 範例.json
        會議室預約.py
    """,
}


def read(archive: io.BytesIO, encoding: NameEncoding | None = None) -> ZipNames:
    with zipfile.ZipFile(archive) as opened:
        return decode_names(opened.infolist(), encoding)


@pytest.mark.parametrize("encoding", REAL_NAMES)
def test_code_page_of_an_archive_is_guessed(encoding: NameEncoding) -> None:
    names = REAL_NAMES[encoding].split()
    found = read(explorer(encoding, "README.md", *names))
    assert found.names == ["README.md", *names]
    assert found.encoding == encoding
    assert found.readings[0] == Reading(encoding, tuple(names[:6]))


def test_code_page_is_guessed_from_a_single_short_name_most_of_the_time() -> None:
    """With chardet 7.7; the others are why the uploader is asked."""
    alone = [(encoding, name) for encoding in REAL_NAMES for name in REAL_NAMES[encoding].split()]
    right = [name for code, name in alone if read(explorer(code, name)).names == [name]]
    assert len(right) >= 0.9 * len(alone)


def test_every_other_reading_is_offered_once() -> None:
    """CP437, CP850 and CP852 have the German letters at the same places."""
    found = read(explorer("cp850", "Prüfung.md"))
    samples = [each.samples for each in found.readings]
    assert samples[0] == ("Prüfung.md",)
    assert len(set(samples)) == len(samples)
    assert {each.encoding for each in found.readings} >= {NameEncoding.CP866, NameEncoding.CP932}


def test_reading_with_characters_that_nobody_types_is_not_offered() -> None:
    """0xF040 is for private use in CP932, and 0xF0 a soft hyphen in CP850 and CP852."""
    offered = {each.encoding for each in read(raw_zip(Entry(b"\xf0\x40.txt"))).readings}
    assert NameEncoding.CP866 in offered
    assert not offered & {NameEncoding.CP932, NameEncoding.CP850, NameEncoding.CP852}


def test_uploader_chooses_the_encoding() -> None:
    archive = explorer("cp866", "ТЗ.docx", "README.md")
    found = read(archive, NameEncoding.CP866)
    assert found == ZipNames(["ТЗ.docx", "README.md"], NameEncoding.CP866)
    assert read(archive, NameEncoding.CP850).names == ["Æç.docx", "README.md"]


def test_encoding_that_does_not_fit_is_refused_by_name() -> None:
    archive = explorer("cp866", "README.md", "ответ.txt")
    with pytest.raises(UnfitEncodingError) as refused:
        read(archive, NameEncoding.UTF_8)
    assert str(refused.value) == (
        r"The file name \xae\xe2\xa2\xa5\xe2.txt isn't in utf-8. Choose another encoding."
    )


def test_utf_8_without_the_flag_is_read_as_such() -> None:
    """As Finder and ditto write it on macOS, in NFD."""
    name = unicodedata.normalize("NFD", "Prüfung/é.txt")
    found = read(raw_zip(Entry(name.encode(), system=UNIX), Entry("ответ.md".encode())))
    assert found == ZipNames(["Prüfung/é.txt", "ответ.md"], NameEncoding.UTF_8)


def test_names_of_one_archive_are_read_in_one_encoding() -> None:
    """`ΎΌ` in GBK is valid UTF-8 as well; the other name is not."""
    found = read(raw_zip(Entry("тест".encode("gbk")), Entry(b"\xce\x8c")), NameEncoding.GBK)
    assert found.names == ["тест", b"\xce\x8c".decode("gbk")]
    both = read(explorer("gbk", "数据输入说明.csv", b"\xce\x8c".decode("gbk")))
    assert both.encoding == NameEncoding.GBK
    assert both.names[1] == b"\xce\x8c".decode("gbk")


def test_unicode_path_field_is_read_first() -> None:
    """Info-ZIP writes the name in the machine's code page, and in UTF-8 into this field."""
    stored = "ответ.md".encode("cp866")
    other = struct.pack("<HHH", 0xCAFE, 2, 0)
    found = read(raw_zip(Entry(stored, extra=other + unicode_path("ответ.md", stored))))
    assert found == ZipNames(["ответ.md"], NameEncoding.UTF_8)


def test_unicode_path_field_of_another_name_is_ignored() -> None:
    """A tool that does not know the field renamed the entry; the checksum tells."""
    stored = "Ответ на задание.md".encode("cp866")
    found = read(raw_zip(Entry(stored, extra=unicode_path("alt.md", b"old name"))))
    assert found.names == ["Ответ на задание.md"]
    broken = unicode_path("x", stored)[:-1] + b"\xff"
    assert read(raw_zip(Entry(stored, extra=broken))).names == ["Ответ на задание.md"]


@pytest.mark.parametrize("name", ["task\\src\\a.py", "C:\\x", "..\\x", "data\\"])
def test_backslashes_of_windows_are_separators(name: str) -> None:
    """PowerShell 5 and .NET Framework before 4.6.1 write them, with FAT as the system."""
    found = read(raw_zip(Entry(b"a/b"), Entry(name.encode(), system=FAT)))
    assert found.names == ["a/b", name.replace("\\", "/")]


def test_backslash_of_a_japanese_character_is_no_separator() -> None:
    """The second byte of `表` in CP932 is that of a backslash."""
    assert b"\\" in "予約表.csv".encode("cp932")
    assert read(explorer("cp932", "資料/予約表.csv")).names == ["資料/予約表.csv"]
    archive = explorer("cp932", "資料\\予約表.csv")
    assert read(archive).names == ["資料/予約表.csv"]


def test_backslash_of_unix_separates_only_where_nothing_else_does() -> None:
    mixed = raw_zip(Entry(b"src/a", system=UNIX), Entry(b"b\\c", system=UNIX))
    assert read(mixed).names == ["src/a", "b\\c"]
    assert read(raw_zip(Entry(b"b\\c", system=UNIX))).names == ["b/c"]


def test_names_that_are_left_out_anyway_are_not_asked_about() -> None:
    found = read(raw_zip(Entry(b"README.md"), Entry("a/.git/ответ".encode("cp866"))))
    assert (found.encoding, found.readings) == (NameEncoding.UTF_8, ())
    found = read(explorer("cp866", "Задание.md", "решение.py", "решение/Thumbs.db"))
    assert found.names == ["Задание.md", "решение.py", "решение/Thumbs.db"]
    assert found.readings[0].samples == ("Задание.md", "решение.py")


def test_flag_is_believed() -> None:
    name = "решение\\ответ.txt"
    found = read(raw_zip(Entry(name.encode(), flags=UTF_8_FLAG)))
    assert found == ZipNames(["решение/ответ.txt"], NameEncoding.UTF_8)


def test_name_that_no_encoding_makes_plausible_is_left_to_the_path_check() -> None:
    found = read(raw_zip(Entry(b"caf\x82\x01")))
    assert (found.names, found.readings) == (["café\x01"], ())
