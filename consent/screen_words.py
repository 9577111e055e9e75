"""What the screen says to the participant beside the consent text, in each of its languages.

Plain on purpose. Only Danish and English were written by people at home in the language: the others are to be read by
somebody who is before a site is opened, as the example texts are.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    choose: str
    yes: str
    no: str
    danish: str  # opens the Danish text, which is the one that counts
    sign: str
    clear: str
    done: str
    cannot_sign: str
    with_staff: str  # where there is no script to sign with
    back: str
    sign_again: str
    thanks: str
    said_yes: str
    said_no: str
    give_back: str


WORDS = {
    "da": Words(
        choose="Læs teksten. Vælg derefter.",
        yes="Ja, jeg giver samtykke",
        no="Nej, jeg giver ikke samtykke",
        danish="Vis den danske tekst. Det er den, der gælder.",
        sign="Skriv under i feltet med fingeren",
        clear="Ryd og begynd igen",
        done="Færdig",
        cannot_sign="Jeg kan ikke skrive under på skærmen",
        with_staff="Du har valgt ja. Tryk på knappen. Medarbejderen fortsætter sammen med dig.",
        back="Tilbage til teksten",
        sign_again="Underskriften blev ikke gemt. Skriv under igen.",
        thanks="Tak",
        said_yes="Du har svaret ja.",
        said_no="Du har svaret nej. Der er ikke gemt noget om nogen. Det er stadig muligt at deltage.",
        give_back="Giv enheden tilbage til medarbejderen.",
    ),
    "en": Words(
        choose="Read the text. Then choose.",
        yes="Yes, I give my consent",
        no="No, I do not give my consent",
        danish="Show the Danish text. It is the one that applies.",
        sign="Sign in the box with your finger",
        clear="Clear and start again",
        done="Done",
        cannot_sign="I cannot sign on the screen",
        with_staff="You have chosen yes. Press the button. The staff member will go on together with you.",
        back="Back to the text",
        sign_again="Your signature was not saved. Please sign again.",
        thanks="Thank you",
        said_yes="You have answered yes.",
        said_no="You have answered no. Nothing about anybody has been saved. It is still possible to take part.",
        give_back="Please give the device back to the staff member.",
    ),
    "ar": Words(
        choose="اقرأ النص، ثم اختر.",
        yes="نعم، أوافق",
        no="لا، لا أوافق",
        danish="اعرض النص الدنماركي. النص الدنماركي هو المعتمد.",
        sign="وقّع بإصبعك داخل الإطار",
        clear="امسح وابدأ من جديد",
        done="تم",
        cannot_sign="لا أستطيع التوقيع على الشاشة",
        with_staff="لقد اخترت نعم. اضغط على الزر. سيواصل الموظف معك.",
        back="العودة إلى النص",
        sign_again="لم يُحفظ توقيعك. يُرجى التوقيع مرة أخرى.",
        thanks="شكرًا",
        said_yes="لقد أجبت بنعم.",
        said_no="لقد أجبت بلا. لم يُحفظ أي شيء عن أي شخص. وتبقى المشاركة ممكنة.",
        give_back="يُرجى إعادة الجهاز إلى الموظف.",
    ),
    "tr": Words(
        choose="Metni okuyun. Sonra seçin.",
        yes="Evet, onay veriyorum",
        no="Hayır, onay vermiyorum",
        danish="Danca metni göster. Geçerli olan Danca metindir.",
        sign="Kutunun içine parmağınızla imza atın",
        clear="Sil ve yeniden başla",
        done="Tamam",
        cannot_sign="Ekranda imza atamıyorum",
        with_staff="Evet seçeneğini seçtiniz. Düğmeye basın. Görevli sizinle birlikte devam edecek.",
        back="Metne geri dön",
        sign_again="İmzanız kaydedilmedi. Lütfen yeniden imza atın.",
        thanks="Teşekkür ederiz",
        said_yes="Evet yanıtını verdiniz.",
        said_no="Hayır yanıtını verdiniz. Hiç kimse hakkında bir şey kaydedilmedi. Katılmak yine mümkündür.",
        give_back="Lütfen cihazı görevliye geri verin.",
    ),
    "so": Words(
        choose="Akhri qoraalka. Kadib dooro.",
        yes="Haa, waan oggolahay",
        no="Maya, ma oggoli",
        danish="Tus qoraalka af-Deenishka. Isaga ayaa ah kan lagu dhaqmayo.",
        sign="Fartaada ku saxiix sanduuqa dhexdiisa",
        clear="Tirtir oo mar kale bilow",
        done="Dhammee",
        cannot_sign="Kuma saxiixi karo shaashadda",
        with_staff="Waxaad dooratay haa. Riix badhanka. Shaqaalaha ayaa kula sii wadaya.",
        back="Ku noqo qoraalka",
        sign_again="Saxiixaaga lama kaydin. Fadlan mar kale saxiix.",
        thanks="Mahadsanid",
        said_yes="Waxaad ku jawaabtay haa.",
        said_no="Waxaad ku jawaabtay maya. Cidna waxba lagama kaydin. Weli waa laga qayb qaadan karaa.",
        give_back="Fadlan qalabka ku celi shaqaalaha.",
    ),
    "ur": Words(
        choose="متن پڑھیں۔ پھر انتخاب کریں۔",
        yes="ہاں، میری رضامندی ہے",
        no="نہیں، میری رضامندی نہیں ہے",
        danish="ڈینش متن دکھائیں۔ ڈینش متن ہی معتبر ہے۔",
        sign="خانے میں اپنی انگلی سے دستخط کریں",
        clear="مٹا کر دوبارہ شروع کریں",
        done="مکمل",
        cannot_sign="میرے لیے اسکرین پر دستخط کرنا ممکن نہیں",
        with_staff="آپ نے «ہاں» کا انتخاب کیا ہے۔ بٹن دبائیں۔ عملے کا رکن آپ کے ساتھ مل کر آگے بڑھے گا۔",
        back="متن پر واپس جائیں",
        sign_again="آپ کے دستخط محفوظ نہیں ہوئے۔ براہِ کرم دوبارہ دستخط کریں۔",
        thanks="شکریہ",
        said_yes="آپ کا جواب «ہاں» ہے۔",
        said_no="آپ کا جواب «نہیں» ہے۔ کسی کے بارے میں کچھ محفوظ نہیں کیا گیا۔ شرکت اب بھی ممکن ہے۔",
        give_back="براہِ کرم یہ آلہ عملے کے رکن کو واپس دے دیں۔",
    ),
    "fa": Words(
        choose="متن را بخوانید. سپس انتخاب کنید.",
        yes="بله، رضایت می‌دهم",
        no="نه، رضایت نمی‌دهم",
        danish="نمایش متن دانمارکی. متن دانمارکی معتبر است.",
        sign="با انگشت خود در کادر امضا کنید",
        clear="پاک کردن و شروع دوباره",
        done="تمام",
        cannot_sign="نمی‌توانم روی صفحه امضا کنم",
        with_staff="شما «بله» را انتخاب کرده‌اید. دکمه را فشار دهید. کارمند همراه شما ادامه می‌دهد.",
        back="بازگشت به متن",
        sign_again="امضای شما ذخیره نشد. لطفاً دوباره امضا کنید.",
        thanks="سپاسگزاریم",
        said_yes="پاسخ شما «بله» است.",
        said_no="پاسخ شما «نه» است. چیزی دربارهٔ کسی ذخیره نشده است. شرکت کردن همچنان ممکن است.",
        give_back="لطفاً دستگاه را به کارمند برگردانید.",
    ),
    "uk": Words(
        choose="Прочитайте текст. Потім зробіть вибір.",
        yes="Так, я даю згоду",
        no="Ні, я не даю згоди",
        danish="Показати текст данською мовою. Чинним є саме він.",
        sign="Поставте підпис пальцем у рамці",
        clear="Стерти й почати знову",
        done="Готово",
        cannot_sign="Я не можу підписати на екрані",
        with_staff="Ви вибрали «так». Натисніть кнопку. Працівник продовжить разом із вами.",
        back="Назад до тексту",
        sign_again="Ваш підпис не збережено. Будь ласка, підпишіть ще раз.",
        thanks="Дякуємо",
        said_yes="Ви відповіли «так».",
        said_no="Ви відповіли «ні». Нічого ні про кого не збережено. Брати участь усе одно можна.",
        give_back="Будь ласка, поверніть пристрій працівникові.",
    ),
    "ti": Words(
        choose="ነቲ ጽሑፍ ኣንብብዎ። ድሕሪኡ ምረጹ።",
        yes="እወ፡ እፈቅድ እየ",
        no="ኣይፋልን፡ ኣይፈቅድን እየ",
        danish="ነቲ ብዳኒሽ ዝተጻሕፈ ጽሑፍ ኣርእዩኒ። እቲ ቅቡል ንሱ እዩ።",
        sign="ብኣጻብዕትኹም ኣብቲ ሳጹን ፈርሙ",
        clear="ደምሲስኩም እንደገና ጀምሩ",
        done="ተወዲኡ",
        cannot_sign="ኣብ ስክሪን ክፍርም ኣይክእልን እየ",
        with_staff="እወ መሪጽኩም። ነቲ መልጎም ጠውቑ። እቲ ሰራሕተኛ ምሳኹም ክቕጽል እዩ።",
        back="ናብቲ ጽሑፍ ተመለሱ",
        sign_again="ፌርማኹም ኣይተዓቀበን። በጃኹም እንደገና ፈርሙ።",
        thanks="የቐንየልና",
        said_yes="እወ ኢልኩም መሊስኩም።",
        said_no="ኣይፋልን ኢልኩም መሊስኩም። ብዛዕባ ዝኾነ ሰብ ዝተዓቀበ ነገር የለን። ምስታፍ ሕጂ እውን ይከኣል እዩ።",
        give_back="በጃኹም ነቲ መሳርሒ ናብቲ ሰራሕተኛ ምለስዎ።",
    ),
}
