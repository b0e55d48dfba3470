// What `npm test` prints: one line for each file, every failure in full as it comes, and as the last
// line "N passed, N failed" (", N skipped" when there are any). What is counted is a test with a name
// of its own (a `t.test` that holds no further ones, or a file that has none), never an assertion.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Transform } from 'node:stream';
import { Parser } from 'tap-parser';
import { stringify } from 'tap-yaml';

// Comments that tap writes itself and that say nothing to the reader.
const ownComment = /^# (Subtest|time=|\{ total|failed \d|skip: \d|todo: \d|No coverage)/;

export default class Reporter extends Transform {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #root = new Parser({ name: 'tests' });

  constructor() {
    super();
    // A run in two parts ends with one count: the first part leaves its own for the second.
    const { SWABLINE_COUNTS_FROM: from } = process.env;
    if (from && existsSync(from)) ({ passed: this.#passed, failed: this.#failed, skipped: this.#skipped } = JSON.parse(readFileSync(from, 'utf8')));
    this.#watch(this.#root, []);
    this.#root.on('extra', line => this.push(line));
    this.#root.on('bailout', reason => this.push(`stopped: ${reason}\n`));
  }

  // Follows one test and everything nested in it; `path` is the names from the file down to it.
  #watch(parser, path) {
    const self = { children: 0, printed: 0, unclosed: undefined };
    parser.on('child', child => {
      self.children++;
      const inner = this.#watch(child, [...path, child.name]);
      // The result line of a nested test follows it directly: it is judged when that line arrives.
      self.unclosed = { inner, failedBefore: this.#failed, passedBefore: this.#passed };
    });
    parser.on('comment', text => {
      if (!ownComment.test(text)) this.push(text.endsWith('\n') ? text : `${text}\n`);
    });
    parser.on('assert', result => {
      const nested = self.unclosed;
      self.unclosed = undefined;
      if (nested) this.#close(result, nested, path);
      else this.#assertion(result, path, self);
    });
    return self;
  }

  #assertion(result, path, self) {
    if (result.skip || result.todo) {
      this.#skipped++;
    } else if (!result.ok) {
      this.#print(result, path);
      self.printed++;
      // In a test without children the test itself counts the failure when it closes.
      if (path.length === 0 || self.children > 0) this.#failed++;
    } else if (path.length === 0) {
      this.#passed++; // A file that tap runs without subtests of its own.
    }
  }

  #close(result, nested, path) {
    const name = [...path, result.name];
    const leaf = nested.inner.children === 0;
    const alreadyTold = this.#failed > nested.failedBefore;
    if (result.skip || result.todo) {
      if (leaf) this.#skipped++;
    } else if (result.ok) {
      if (leaf) this.#passed++;
    } else if (leaf || !alreadyTold) {
      this.#failed++;
      // Its own result says nothing new when the failed assertion was just printed.
      if (!nested.inner.printed) this.#print(result, path);
    }
    if (path.length === 0) {
      const failed = this.#failed - nested.failedBefore;
      const passed = this.#passed - nested.passedBefore;
      const seconds = ((result.time ?? 0) / 1000).toFixed(1);
      this.push(`${result.ok ? 'ok    ' : 'NOT OK'} ${name[0]}: ${passed} passed${failed ? `, ${failed} failed` : ''}, ${seconds} s\n`);
    }
  }

  #print(result, path) {
    const diag = result.diag ? stringify(result.diag).trimEnd().replace(/^/gm, '    ') : '';
    this.push(`\nfailed: ${[...path, result.name].join(' > ')}\n${diag}\n\n`);
  }

  _transform(chunk, _encoding, done) {
    this.#root.write(chunk);
    done();
  }

  _flush(done) {
    this.#root.end();
    // Whatever tap holds against the run (a bail-out) is at least one failure, and so is a run without tests.
    const fine = this.#root.ok && this.#passed + this.#failed + this.#skipped > 0;
    const failed = Math.max(this.#failed, fine ? 0 : 1);
    const { SWABLINE_COUNTS_TO: to } = process.env;
    if (to) writeFileSync(to, JSON.stringify({ passed: this.#passed, failed, skipped: this.#skipped }));
    const skipped = this.#skipped ? `, ${this.#skipped} skipped` : '';
    this.push(`${this.#passed} passed, ${failed} failed${skipped}\n`);
    done();
  }
}
