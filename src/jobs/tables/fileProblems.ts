// Why a table that somebody sent cannot be read as a whole, as words with sentences: nothing of it was judged. Words travel in jobs and
// logs; sentences are for the person at the screen.

export interface Sentences {
  zh: string;
  en: string;
}

export const fileProblems = {
  file_empty: { zh: '文件是空的。', en: 'The file is empty.' },
  file_too_large: { zh: '文件太大。请按村拆成几个文件。', en: 'The file is too large. Split it, for example by village.' },
  file_unknown: { zh: '这不是 .xlsx 或 .csv 表格文件。', en: 'This is not a table in .xlsx or .csv format.' },
  file_old_excel: {
    zh: '这是旧版 .xls 文件，请在表格软件中另存为 .xlsx。',
    en: 'This is an old .xls file. Save it as .xlsx in the spreadsheet program.',
  },
  file_binary_excel: {
    zh: '这是 .xlsb 文件，请在表格软件中另存为 .xlsx。',
    en: 'This is an .xlsb file. Save it as .xlsx in the spreadsheet program.',
  },
  file_open_document: {
    zh: '这是 .ods 文件，请在表格软件中另存为 .xlsx。',
    en: 'This is an .ods file. Save it as .xlsx in the spreadsheet program.',
  },
  file_protected: {
    zh: '文件设有打开密码，请取消密码后再导入。',
    en: 'The file is protected by a password. Remove the password and import it again.',
  },
  file_web_page: {
    zh: '这是一个网页文件，只是扩展名像表格。请另存为 .xlsx。',
    en: 'This is a web page with the name of a spreadsheet. Save it as .xlsx.',
  },
  file_bomb: {
    zh: '压缩包解开后过大，像是恶意文件，未读取。',
    en: 'The file would unpack to an unreasonable size, like a malicious one. It was not read.',
  },
  file_damaged: { zh: '文件已损坏，无法读取。', en: 'The file is damaged and cannot be read.' },
  file_encoding: { zh: '文字编码不是 UTF-8 或 GBK，无法读取。', en: 'The text is neither UTF-8 nor GBK and cannot be read.' },
  file_quote_open: {
    zh: '有一个引号没有配对，其后的行无法可靠读取。',
    en: 'A quotation mark is never closed, so the rows after it cannot be told apart.',
  },
  file_too_many_rows: { zh: '行数太多。请按村拆成几个文件。', en: 'There are too many rows. Split the file, for example by village.' },
  file_too_wide: {
    zh: '有一行的列数过多，或一个单元格的内容过长，不像要导入的表格。',
    en: 'A row has so many columns, or a cell so much text, that this is not the table it should be.',
  },
  file_erased: { zh: '本轮次的个人信息已被销毁，不能再导入。', en: 'The personal data of this round was erased; nothing can be imported into it.' },
  sheet_unknown: { zh: '文件中没有这个工作表。', en: 'The file has no sheet of this name.' },
  sheet_choose: { zh: '有几个工作表都可能是要导入的，请选择其中一个。', en: 'Several sheets could be the one to import. Choose one.' },
  headings_missing: {
    zh: '没有找到标题行。前 20 行中应有一行包含“姓名”和“证件号码”等标题，或手工指定各列。',
    en: 'No row of headings was found. One of the first 20 rows must hold headings such as "name" and "document number", or say by hand which column is which.',
  },
  heading_needed: { zh: '缺少必需的列。', en: 'A necessary column is missing.' },
  heading_doubled: {
    zh: '有两列标题含义相同，请手工指定用哪一列。',
    en: 'Two columns have headings of the same meaning. Say by hand which one to use.',
  },
  mapping_wrong: { zh: '手工指定的列在文件中不存在。', en: 'A column given by hand does not exist in the file.' },
} as const satisfies Record<string, Sentences>;

export type FileProblem = keyof typeof fileProblems;
