import { describe, expect, test } from 'vitest';
import { normalizeText } from '../normalize-text.ts';

function reads(
  language: string,
  cases: readonly (readonly [written: string, read: string])[],
): void {
  test.each(cases)('%s is read as %s', (written, read) => {
    expect(normalizeText(written, { language, mode: 'auto' }).text).toBe(read);
  });
}

describe('Italian', () => {
  reads('it', [
    ['1.234,5', 'milleduecentotrentaquattro virgola cinque'],
    ['3,14', 'tre virgola quattordici'],
    ['-5', 'meno cinque'],
    ['1 ora', 'una ora'],
    ['21', 'ventuno'],
    ['23/11/2026', 'ventitré novembre duemilaventisei'],
    ['1/1/2027', 'primo gennaio duemilaventisette'],
    ['14:30', 'quattordici e trenta'],
    ['5,50 €', 'cinque euro e cinquanta centesimi'],
    ['1 €', 'un euro'],
    ['50 %', 'cinquanta percento'],
    ['20 °C', 'venti gradi Celsius'],
    ['5 km', 'cinque chilometri'],
    ['2º', 'secondo'],
    ['XIX secolo', 'diciannovesimo secolo'],
    ['capitolo IV', 'capitolo quattro'],
    ['5 + 3 = 8', 'cinque più tre uguale a otto'],
    ['info@esempio.it', 'info chiocciola esempio punto it'],
  ]);
});

describe('Portuguese', () => {
  reads('pt', [
    ['1.234,5', 'mil duzentos e trinta e quatro vírgula cinco'],
    ['3,14', 'três vírgula quatorze'],
    ['-5', 'menos cinco'],
    ['2 horas', 'duas horas'],
    ['16', 'dezesseis'],
    ['200 pessoas', 'duzentas pessoas'],
    ['23/11/2026', 'vinte e três de novembro de dois mil e vinte e seis'],
    ['14h30', 'quatorze horas e trinta'],
    ['R$ 5,50', 'cinco reais e cinquenta centavos'],
    ['5 €', 'cinco euros'],
    ['R$ 5 milhões', 'cinco milhões de reais'],
    ['50%', 'cinquenta por cento'],
    ['20 °C', 'vinte graus Celsius'],
    ['5 km', 'cinco quilômetros'],
    ['2ª', 'segunda'],
    ['século XXI', 'século vinte e um'],
    ['5 + 3 = 8', 'cinco mais três igual a oito'],
    ['info@exemplo.com.br', 'info arroba exemplo ponto com ponto br'],
  ]);
});

describe('Polish', () => {
  reads('pl', [
    ['1 234,5', 'tysiąc dwieście trzydzieści cztery przecinek pięć'],
    ['3,14', 'trzy przecinek czternaście'],
    ['-5', 'minus pięć'],
    ['2 minuty', 'dwie minuty'],
    ['23.11.2026', 'dwudziestego trzeciego listopada dwa tysiące dwudziestego szóstego roku'],
    ['4 marca 2026 r.', 'czwartego marca dwa tysiące dwudziestego szóstego roku'],
    ['w 1999 roku', 'w tysiąc dziewięćset dziewięćdziesiątym dziewiątym roku'],
    ['o 14:30', 'o czternastej trzydzieści'],
    ['5,50 zł', 'pięć złotych pięćdziesiąt groszy'],
    ['22 zł', 'dwadzieścia dwa złote'],
    ['5 zł', 'pięć złotych'],
    ['50%', 'pięćdziesiąt procent'],
    ['20 °C', 'dwadzieścia stopni Celsjusza'],
    ['5 km', 'pięć kilometrów'],
    ['nr 7', 'numer siedem'],
    ['rozdział IV', 'rozdział cztery'],
    ['5 + 3 = 8', 'pięć plus trzy równa się osiem'],
    ['info@przyklad.pl', 'info małpa przyklad kropka pl'],
  ]);
});

describe('Russian', () => {
  reads('ru', [
    ['1 234,5', 'тысяча двести тридцать четыре запятая пять'],
    ['3,14', 'три запятая четырнадцать'],
    ['-5', 'минус пять'],
    ['2 минуты', 'две минуты'],
    ['22 книги', 'двадцать две книги'],
    ['Это было 23.11.2026', 'Это было двадцать третьего ноября две тысячи двадцать шестого года'],
    ['4 марта 2026 года', 'четвёртое марта две тысячи двадцать шестого года'],
    ['в 1999 году', 'в тысяча девятьсот девяносто девятом году'],
    ['14:30', 'четырнадцать тридцать'],
    ['5,50 ₽', 'пять рублей пятьдесят копеек'],
    ['22 ₽', 'двадцать два рубля'],
    ['$5', 'пять долларов'],
    ['50%', 'пятьдесят процентов'],
    ['20 °C', 'двадцать градусов Цельсия'],
    ['5 км', 'пять километров'],
    ['№ 7', 'номер семь'],
    ['1-й, 2-я, 3-го', 'первый, вторая, третьего'],
    ['5 + 3 = 8', 'пять плюс три равно восемь'],
    ['info@primer.ru', 'info собака primer точка ru'],
  ]);
});

describe('Turkish', () => {
  reads('tr', [
    ['1.234,5', 'bin iki yüz otuz dört virgül beş'],
    ['3,14', 'üç virgül on dört'],
    ['-5', 'eksi beş'],
    ['23.11.2026', 'yirmi üç Kasım iki bin yirmi altı'],
    ['14:30', 'on dört otuz'],
    ['5,50 ₺', 'beş lira elli kuruş'],
    ['₺5', 'beş lira'],
    ['%50', 'yüzde elli'],
    ['20 °C', 'yirmi santigrat derece'],
    ['5 km', 'beş kilometre'],
    ["23'üncü", 'yirmi üçüncü'],
    ['5 + 3 = 8', 'beş artı üç eşittir sekiz'],
    ['info@ornek.com', 'info et ornek nokta com'],
  ]);
});

describe('Hindi', () => {
  reads('hi', [
    ['1,234.5', 'एक हज़ार दो सौ चौंतीस दशमलव पाँच'],
    ['12,34,567', 'बारह लाख चौंतीस हज़ार पाँच सौ सड़सठ'],
    ['3.14', 'तीन दशमलव एक चार'],
    ['-5', 'माइनस पाँच'],
    ['23/11/2026', 'तेईस नवंबर दो हज़ार छब्बीस'],
    ['9:05', 'नौ बजकर पाँच मिनट'],
    ['5 बजे', 'पाँच बजे'],
    ['₹5.50', 'पाँच रुपये पचास पैसे'],
    ['₹1', 'एक रुपया'],
    ['50%', 'पचास प्रतिशत'],
    ['20 °C', 'बीस डिग्री सेल्सियस'],
    ['5 km', 'पाँच किलोमीटर'],
    ['5वाँ', 'पाँचवाँ'],
    ['5 + 3 = 8', 'पाँच प्लस तीन बराबर आठ'],
    ['info@example.in', 'info ऐट example डॉट in'],
  ]);
});

describe('Japanese', () => {
  reads('ja', [
    ['1,234.5', '千二百三十四点五'],
    ['3.14', '三点一四'],
    ['-5', 'マイナス五'],
    ['2026-11-23', '二千二十六年十一月二十三日'],
    ['2026年3月4日', '二千二十六年三月四日'],
    ['14:30に', '十四時三十分に'],
    ['¥1,000払う', '千円払う'],
    ['$5.50', '五ドル五十セント'],
    ['50%', '五十パーセント'],
    ['20℃', '摂氏二十度'],
    ['5 km', '五キロメートル'],
    ['第3回', '第三回'],
    ['3人', '三人'],
    ['03-1234-5678', '零三、一二三四、五六七八'],
    ['1/2', '二分の一'],
  ]);
});

describe('Korean', () => {
  reads('ko', [
    ['1,234.5', '천이백삼십사 점 오'],
    ['3.14', '삼 점 일 사'],
    ['-5', '마이너스 오'],
    ['2026-11-23', '이천이십육년 십일월 이십삼일'],
    ['2026년 6월 4일', '이천이십육년 유월 사일'],
    ['14:30에', '십사 시 삼십 분에'],
    ['5시', '다섯 시'],
    ['3개', '세 개'],
    ['21명', '스물한 명'],
    ['₩1,000', '천 원'],
    ['$5.50', '오 달러 오십 센트'],
    ['50%', '오십 퍼센트'],
    ['20℃', '섭씨 이십도'],
    ['5 km', '오킬로미터'],
    ['010-1234-5678', '영 일 영, 일 이 삼 사, 오 육 칠 팔'],
    ['1/2', '이분의 일'],
  ]);
});

describe('Chinese', () => {
  reads('zh', [
    ['1,234.5', '一千二百三十四点五'],
    ['3.14', '三点一四'],
    ['-5', '负五'],
    ['2026-11-23', '二零二六年十一月二十三日'],
    ['2026年3月4日', '二零二六年三月四日'],
    ['14:30出发', '十四点三十分出发'],
    ['2点30分', '两点三十分'],
    ['2个', '两个'],
    ['12个', '十二个'],
    ['¥5.50', '五点五元'],
    ['$5', '五美元'],
    ['50%', '百分之五十'],
    ['20℃', '二十摄氏度'],
    ['5 km', '五公里'],
    ['13812345678', '一三八一二三四五六七八'],
    ['1/2', '二分之一'],
  ]);
});
