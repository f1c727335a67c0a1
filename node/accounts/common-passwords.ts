/** The commonest passwords of eight characters and more, in small letters: what a guesser tries first, in English and in Turkish. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
12345678910 123456789a 123456789q 12345678a 12344321 12341234 11223344 1122334455 11112222 12121212 123123123 1234512345 123454321
123321123 147258369 147852369 159357456 159753456 987654321a 741852963 789456123 963852741 10203040 102030405060 13131313 14141414
19841984 19851985 19901990 20002000 20202020 20232023 20242024 20252025 a1234567 a12345678 a123456789 aa123456 aa12345678 aaa111222
abc12345 abc123456 abcd1234 abcd12345 abcdef123 abcdefg1 access14 admin123 admin1234 admin12345 administrator alexander alexandra
amsterdam apollo13 asd12345 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjkl1 asdqwe123 azerty123 azertyuiop babygirl barcelona
baseball basketball batman123 beautiful benjamin bismillah blink182 bluebird brooklyn buster123 butterfly caroline champion charlie1
charlotte chelsea1 chocolate christian christine christmas cocacola colorado computer consumer corvette courtney danielle darkness
default1 diamond1 dolphin1 dragon123 elephant elizabeth evolution facebook february football football1 formula1 francesco freedom1
friends1 fuckyou1 fuckyou123 gabriela gangster garfield gateway1 goodluck grandma1 handball happy123 hello123 hello1234 helloworld
iloveyou iloveyou1 iloveyou2 iloveyou3 internet isabella jackson1 jennifer jessica1 johncena jonathan jordan23 kamikaze keyboard
killer123 lakers24 letmein1 letmein123 liverpool liverpool1 lovelove loveyou1 lovers123 machine1 marina123 marlboro master123 matthew1
mercedes metallica michael1 michelle midnight monkey123 mustang1 mynoob123 mypassword myspace1 nicholas nicole123 nirvana1 november
p@ssw0rd p@ssword p4ssw0rd pa$$w0rd pakistan panther1 passport passw0rd passw0rd1 password password! password0 password01 password1
password1! password11 password12 password123 password1234 password123! password2 password21 password22 password3 password7 patricia
personal peter123 pokemon1 portugal precious princess princess1 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazqazqaz qazwsx123 qazwsxed
qazwsxedc qq123456 qqww1122 qwaszx12 qwe123qwe qweasd123 qweasdzxc qweqweqwe qwer1234 qwer12345 qwerqwer qwert123 qwert12345 qwerty01
qwerty11 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuiop qwertyuiop1 qwertz123 qwertzuiop rainbow1
realmadrid remember rockstar1 runescape sakura123 samantha samsung1 samsung123 saturday scorpion security september serenity shadow123
snowball soccer123 software spiderman spongebob starwars stephanie steven123 sunflower sunshine sunshine1 superman superman1
superstar swordfish t1234567 teddybear test1234 test12345 testtest thomas123 tinkerbell tottenham trustno1 undertaker unicorn1
valentina valentine vanessa1 veronica victoria victory1 warcraft webmaster welcome1 welcome123 welcome1234 whatever william1 windows1
winston1 wolfgang woodland woodstock writer123 xbox360x yamaha123 yankees1 yellow123 zaq12wsx zaq1zaq1 zaq1xsw2 zxc123zxc zxcv1234
zxcvbnm1 zxcvbnm123 zxcvbnm, zzzzzzzz 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1234qwer 123456abc 123456qwe
12345qwert 12345678q 1234abcd 123qweasd 123qweasdzxc 123qwe123 123abc123 1a2b3c4d 1password 1princess 2wsx3edc 3edc4rfv 4rfv5tgb
seniseviyorum askimaskim aşkımaşkım askim123 aşkım123 canim123 bebegim1 galatasaray galatasaray1 galatasaray1905
fenerbahce fenerbahçe fenerbahce1 fenerbahce1907 besiktas beşiktaş besiktas1 besiktas1903 trabzonspor trabzonspor61 trabzon61 turkiye1
türkiye1 turkiye123 turkiyem istanbul istanbul1 istanbul34 istanbul1453 ankara06 izmir3535 bursa1616 ataturk1 atatürk1 atatürk1881
ataturk1881 mustafa1 mustafa123 mehmet123 ahmet1234 ayşe1234 ayse1234 fatma1234 sifre123 şifre123 sifre1234 şifre1234 parola123
parola1234 merhaba1 merhaba123 allah123 allahuekber kurtlarvadisi cimbombom kartal1903 kanarya1907 aslan1905 bjk19031903 gs19051905
fb19071907 19051905 19071907 19031903 19231923 14531453 12345qwer deneme123 deneme1234 asdasd123 qweqwe123 123qweasdf
family123 ailem123 hearth123 hearth1234 matrix123 element123 changeme changeme1 changeme123 letmein! iloveyou! temporary temp1234
`
    .trim()
    .split(/\s+/),
)
