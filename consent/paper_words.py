"""The words at the fields of a paper form, in each language. The Danish words always stand beside them.

Short on purpose, and the same for every text: what is consented to is said by the text alone. Yes and no are worded as
on the screen. Only Danish and English were written by people at home in the language: the others are to be read by
somebody who is before a site is opened, as the example texts are.
"""

from typing import NamedTuple


class Words(NamedTuple):
    answer: str
    if_no: str
    if_yes: str
    name: str
    cpr: str
    name_of_child: str
    cpr_of_child: str
    without_cpr: str
    birth_date: str
    address: str
    lived_there: str
    i_am: str
    mother: str
    father: str
    other: str
    date: str
    signature: str


WORDS = {
    "da": Words(
        answer="Dit svar",
        if_no="Siger du nej, skal du ikke skrive navn eller underskrive.",
        if_yes="Udfyld dette, hvis du siger ja",
        name="Dit fulde navn",
        cpr="Dit CPR-nummer",
        name_of_child="Barnets fulde navn",
        cpr_of_child="Barnets CPR-nummer",
        without_cpr="Kun uden CPR-nummer",
        birth_date="Fødselsdato",
        address="Adresse",
        lived_there="Har boet på adressen siden",
        i_am="Jeg er barnets",
        mother="mor",
        father="far",
        other="anden værge",
        date="Dato",
        signature="Underskrift",
    ),
    "en": Words(
        answer="Your answer",
        if_no="If you say no, do not write your name and do not sign.",
        if_yes="Fill this in if you say yes",
        name="Your full name",
        cpr="Your CPR number",
        name_of_child="The child's full name",
        cpr_of_child="The child's CPR number",
        without_cpr="Only without a CPR number",
        birth_date="Date of birth",
        address="Address",
        lived_there="Has lived at the address since",
        i_am="I am the child's",
        mother="mother",
        father="father",
        other="other guardian",
        date="Date",
        signature="Signature",
    ),
    "ar": Words(
        answer="إجابتك",
        if_no="إذا أجبت بلا، فلا تكتب اسمك ولا توقّع.",
        if_yes="املأ هذا الجزء إذا أجبت بنعم",
        name="اسمك الكامل",
        cpr="رقمك الشخصي (CPR)",
        name_of_child="الاسم الكامل للطفل",
        cpr_of_child="الرقم الشخصي للطفل (CPR)",
        without_cpr="فقط لمن ليس لديه رقم شخصي (CPR)",
        birth_date="تاريخ الميلاد",
        address="العنوان",
        lived_there="تاريخ بدء السكن في هذا العنوان",
        i_am="أنا",
        mother="أم الطفل",
        father="أبو الطفل",
        other="وصي آخر",
        date="التاريخ",
        signature="التوقيع",
    ),
    "tr": Words(
        answer="Cevabınız",
        if_no="Hayır derseniz adınızı yazmayın ve imza atmayın.",
        if_yes="Evet derseniz bu bölümü doldurun",
        name="Adınız ve soyadınız",
        cpr="CPR numaranız",
        name_of_child="Çocuğun adı ve soyadı",
        cpr_of_child="Çocuğun CPR numarası",
        without_cpr="Yalnızca CPR numarası yoksa",
        birth_date="Doğum tarihi",
        address="Adres",
        lived_there="Bu adreste oturmaya başladığı tarih",
        i_am="Çocuğun",
        mother="annesiyim",
        father="babasıyım",
        other="başka bir velisiyim",
        date="Tarih",
        signature="İmza",
    ),
    "so": Words(
        answer="Jawaabtaada",
        if_no="Haddii aad maya tiraahdo, ha qorin magacaaga hana saxiixin.",
        if_yes="Buuxi haddii aad haa tiraahdo",
        name="Magacaaga oo dhammaystiran",
        cpr="Lambarkaaga CPR",
        name_of_child="Magaca ilmaha oo dhammaystiran",
        cpr_of_child="Lambarka CPR ee ilmaha",
        without_cpr="Keliya haddii uusan jirin lambar CPR",
        birth_date="Taariikhda dhalashada",
        address="Cinwaanka",
        lived_there="Halkan ku noolaa laga bilaabo",
        i_am="Waxaan ahay ilmaha",
        mother="hooyadiis",
        father="aabbihiis",
        other="mas'uul kale",
        date="Taariikhda",
        signature="Saxiixa",
    ),
    "ur": Words(
        answer="آپ کا جواب",
        if_no="اگر آپ کا جواب نہیں ہے تو نہ نام لکھیں اور نہ دستخط کریں۔",
        if_yes="اگر آپ کا جواب ہاں ہے تو یہ حصہ پُر کریں",
        name="آپ کا پورا نام",
        cpr="آپ کا CPR نمبر",
        name_of_child="بچے کا پورا نام",
        cpr_of_child="بچے کا CPR نمبر",
        without_cpr="صرف اگر CPR نمبر نہ ہو",
        birth_date="تاریخ پیدائش",
        address="پتہ",
        lived_there="اس پتے پر رہائش کب سے ہے",
        i_am="بچے سے میرا رشتہ",
        mother="ماں",
        father="باپ",
        other="دوسرا سرپرست",
        date="تاریخ",
        signature="دستخط",
    ),
    "fa": Words(
        answer="پاسخ شما",
        if_no="اگر پاسخ شما نه است، نام خود را ننویسید و امضا نکنید.",
        if_yes="اگر پاسخ شما بله است، این بخش را پر کنید",
        name="نام کامل شما",
        cpr="شمارهٔ CPR شما",
        name_of_child="نام کامل کودک",
        cpr_of_child="شمارهٔ CPR کودک",
        without_cpr="فقط اگر شمارهٔ CPR ندارد",
        birth_date="تاریخ تولد",
        address="نشانی",
        lived_there="تاریخ آغاز سکونت در این نشانی",
        i_am="نسبت من با کودک",
        mother="مادر",
        father="پدر",
        other="سرپرست دیگر",
        date="تاریخ",
        signature="امضا",
    ),
    "uk": Words(
        answer="Ваша відповідь",
        if_no="Якщо Ви відповідаєте «ні», не пишіть свого імені й не підписуйте.",
        if_yes="Заповніть, якщо Ви відповідаєте «так»",
        name="Ваше повне ім'я",
        cpr="Ваш номер CPR",
        name_of_child="Повне ім'я дитини",
        cpr_of_child="Номер CPR дитини",
        without_cpr="Лише якщо немає номера CPR",
        birth_date="Дата народження",
        address="Адреса",
        lived_there="Живе тут з (дата)",
        i_am="Я — дитині",
        mother="мати",
        father="батько",
        other="інший опікун",
        date="Дата",
        signature="Підпис",
    ),
    "ti": Words(
        answer="መልስኹም",
        if_no="ኣይፋል እንተበልኩም፡ ስምኩም ኣይትጽሓፉ ኣይትፈርሙን።",
        if_yes="እወ እንተበልኩም ነዚ ምልኡ",
        name="ምሉእ ስምኩም",
        cpr="ናይ CPR ቁጽርኹም",
        name_of_child="ምሉእ ስም እቲ ቆልዓ",
        cpr_of_child="ናይ CPR ቁጽሪ እቲ ቆልዓ",
        without_cpr="ናይ CPR ቁጽሪ እንተዘየሎ ጥራይ",
        birth_date="ዕለተ ልደት",
        address="ኣድራሻ",
        lived_there="ኣብዚ ኣድራሻ ምንባር ዝጀመረሉ ዕለት",
        i_am="ኣነ ናይ እቲ ቆልዓ",
        mother="ኣደ",
        father="ኣቦ",
        other="ካልእ ኣላዪ",
        date="ዕለት",
        signature="ፊርማ",
    ),
}
