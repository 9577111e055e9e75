"""Invented people's names in the letters and scripts that a housing area writes its names in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tradition:
    """Given names and family names that go together. `share` of the families have them, in per cent."""

    share: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    family_names: tuple[str, ...]


def _tradition(share: int, women: str, men: str, family_names: str) -> Tradition:
    return Tradition(share, tuple(women.split()), tuple(men.split()), tuple(family_names.split()))


TRADITIONS = {
    "danish": _tradition(
        36,
        "Åse Birgit Camilla Dorthe Emma Freja Gitte Hanne Ida Jette Kirsten Lærke Maja Nanna Pernille Rikke Sørine "
        "Tove Ulla Ævelina",
        "Anders Bjørn Christian Daniel Esben Frederik Gorm Henrik Jørgen Kåre Lars Mads Niels Ørn Palle Rasmus Søren "
        "Torben Viggo Aage",
        "Aagaard Bæk Christensen Dahl Enghøj Frøslev Gråbæk Hansen Iversen Jørgensen Kjær Lillelund Møller Nørgård "
        "Overgaard Præstø Rønnow Skovgård Thøgersen Østergaard",
    ),
    "turkish": _tradition(
        14,
        "Ayşe Büşra Çiğdem Elif Fatma Gülşen Hatice İpek Nurgül Özlem Şeyma Zeynep",
        "Ahmet Barış Cemal Emre Gökhan Hüseyin İbrahim Mustafa Oğuz Ömer Şükrü Yiğit",
        "Aydın Çelik Doğan Erdoğdu Güneş Işık Kılıç Öztürk Şahin Ünal Yıldız Yılmaz",
    ),
    "arabic_latin": _tradition(
        10,
        "Amina Dalal Fatima Hanan Iman Khadija Layla Mariam Noura Rania Samira Zahra",
        "Ahmad Bilal Hassan Ibrahim Khaled Mahmoud Nabil Omar Rami Samir Tariq Yousef",
        "Abdallah Al-Masri El-Khatib Farhat Haddad Hamdan Issa Khalil Mansour Nasser Saleh Zein",
    ),
    "arabic": _tradition(
        7,
        "آمنة إيمان خديجة دلال رانيا زهراء سميرة فاطمة ليلى مريم نورة هدى",
        "أحمد إبراهيم بلال حسن خالد سمير طارق عمر محمود نبيل يوسف رامي",
        "الخطيب المصري حداد حمدان خليل زين صالح عبدالله عيسى فرحات منصور ناصر",
    ),
    "somali": _tradition(
        11,
        "Aamina Caasha Deeqa Faadumo Hodan Ifrah Khadra Maryan Nimco Sahra Ubax Xaliimo",
        "Abdi Axmed Bashiir Cali Faarax Guuleed Ibraahim Jaamac Liibaan Maxamed Saciid Yuusuf",
        "Aadan Cabdulle Cismaan Faarax Geeddi Jaamac Maxamuud Nuur Rooble Shire Warsame Xasan",
    ),
    "urdu": _tradition(
        6,
        "عائشہ بشریٰ حنا رابعہ زینب سعدیہ شازیہ صائمہ فوزیہ کلثوم مریم نادیہ",
        "احمد بابر حامد خرم زاہد سلیم شہباز طاہر عمران فیصل کاشف نعیم",
        "بٹ چوہدری خان رانا شیخ صدیقی قریشی گیلانی ملک مرزا میر ہاشمی",
    ),
    "ukrainian": _tradition(
        5,
        "Ганна Дарія Зоряна Ірина Катерина Леся Марія Наталія Олена Софія Тетяна Юлія",
        "Андрій Богдан Василь Григорій Дмитро Ілля Максим Микола Олексій Сергій Тарас Юрій",
        "Бондаренко Гончарук Іваненко Коваленко Кравчук Лисенко Мельник Олійник Петренко Савчук Ткаченко Шевчук",
    ),
    "tigrinya": _tradition(
        4,
        "ሄለን ለተብርሃን ሰላም ማርያም ሳባ ራሄል ትርሓስ ኣስቴር ኤልሳ ዘውዲ ፍረወይኒ ሚሊዮን",
        "ሃይለ ሚካኤል ሰሎሞን ሳሙኤል በረኸት ተስፋይ ኣማኑኤል ዮናስ ዳንኤል ገብረ ፊልሞን ክፍሎም",
        "ሃብተማርያም ሓጎስ መብራህቱ ሰለሞን በርሀ ተኽለ ኣስፍሃ ወልደ ዘርኣይ ገብረመድህን ግርማይ ፍስሃየ",
    ),
    "vietnamese": _tradition(
        4,
        "Ánh Bích Diễm Hạnh Hồng Hương Lệ Mỹ Ngọc Phượng Thảo Tuyết",
        "Bảo Công Cường Đức Dũng Hải Hiếu Hùng Khánh Phúc Quốc Tuấn",
        "Bùi Đặng Đinh Đỗ Hoàng Huỳnh Lê Nguyễn Phạm Trần Võ Vũ",
    ),
    "polish": _tradition(
        3,
        "Agnieszka Bożena Czesława Elżbieta Grażyna Łucja Małgorzata Świętosława Wioletta Żaneta",
        "Błażej Grzegorz Józef Krzysztof Łukasz Michał Paweł Sławomir Włodzimierz Zdzisław",
        "Dąbrowski Górski Jabłoński Kołodziej Łuczak Mączka Piątek Śliwa Wójcik Żuraw",
    ),
}

# Staff: names as a Danish workplace has them.
STAFF_TRADITIONS = ("danish", "danish", "danish", "turkish", "arabic_latin", "somali", "polish")
