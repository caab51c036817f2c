"""Prints the rows of TextDecodingTests: texts in encodings as Python's codecs write them.

Python's names are given where they differ from the ones that files declare.
"""
TEXTS = {
    "ISO-8859-1": "café niño", "ISO-8859-15": "€ œuvre", "ISO-8859-2": "żółw źdźbło", "windows-1252": "“café” €",
    "windows-1251": "кошка", "KOI8-R": "собака", "GB2312": "猫狗熊", "GBK": "貓狗镕", "GB18030": "猫𠮷€",
    "Big5": "貓狗熊", "Shift_JIS": "猫と犬ｱ", "EUC-JP": "猫と犬", "ISO-2022-JP": "猫cat犬", "EUC-KR": "고양이",
    "UTF-16LE": "naïve 猫𠮷", "UTF-16BE": "naïve 猫𠮷", "UTF-32LE": "é猫", "macintosh": "Ünïcödé",
}
NAMES = {"macintosh": "mac_roman"}
for name, text in TEXTS.items():
    data = text.encode(NAMES.get(name, name))
    print(f'    ("{name}", "{text}", [{", ".join(f"0x{byte:02X}" for byte in data)}]),')
