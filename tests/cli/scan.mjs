// tests/cli/scan.mjs - looks through outputs for what may not be there. Says what it found, exits 1 if anything.
//
//   node scan.mjs tokens TOKENS FILE...   no line of TOKENS in any FILE, nor its hexadecimal, base64 or escaped forms
//   node scan.mjs active FILE...          nothing that a terminal, a browser, a Markdown renderer, a spreadsheet or a CI
//                                         runner would obey; the extension tells which of them reads FILE
import { readFileSync } from 'node:fs';

let bad = 0;
const tell = (file, what) => { console.log(`# ${file}: ${JSON.stringify(what)}`); bad = 1; };

// All spellings of a token. Base64 depends on what stands before: three alignments, the uncertain edges cut off.
function spellings(token) {
    const bytes = Buffer.from(token), base64 = [];
    for (let shift = 0; shift < 3; shift++) {
        const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
        base64.push(text.slice(shift ? 4 : 0, -2));
    }
    const escaped = f => [...bytes].map(f).join('');
    return [token, bytes.toString('hex'), ...base64, escaped(b => '%' + b.toString(16)), escaped(b => '\\u00' + b.toString(16)),
        [...bytes].reverse().map(b => String.fromCharCode(b)).join('')];
}

function scanTokens(tokens, files) {
    const forms = tokens.flatMap(spellings);
    for (const file of files) {
        const text = readFileSync(file, 'latin1'), lower = text.toLowerCase();
        for (const form of forms) if (text.includes(form) || lower.includes(form.toLowerCase())) tell(file, form);
    }
}

const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const spans = /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const readers = {
    html: text => text.match(/<script>alert|<img|<[a-z][^>]*(javascript:|\son\w+\s*=)/i),
    md: text => text.replace(spans, '').match(/<script|<img|(?<!\\)\]\(|\*\*bold|(?<![\\\w])@someone|(?<!\\)#123|onerror=/),
    csv: text => text.split('\n').flatMap(line => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [])
        .map(cell => cell.replace(/^"/, '')).find(cell => /^[=+@\t\r]|^-\D|^-\d+[+*]/.test(cell)),
};

function scanActive(files) {
    for (const file of files) {
        const text = readFileSync(file, 'utf8');
        const found = text.match(controls) ?? text.match(/^(::[a-z]+|##\[)/m) ?? readers[file.split('.').pop()]?.(text);
        if (found) tell(file, typeof found === 'string' ? found : text.slice(Math.max(0, found.index - 60), found.index + 60));
    }
}

const [, , what, ...rest] = process.argv;
if (what === 'tokens') scanTokens(readFileSync(rest[0], 'utf8').trim().split('\n'), rest.slice(1));
else scanActive(rest);
process.exit(bad);
