/** What the demo leaves behind: one object, or JUnit XML for CI. */
import type { Told } from './narrator.ts';

export interface StepReport {
  step: string;
  title: string;
  ok: boolean;
  seconds: number;
  exchanges: Told[];
  /** Where this server departs from the specification, as its dialect knows. */
  differs?: string[];
  error?: { code: string; message: string; hint?: string };
}

export interface DemoReport {
  story: string;
  issuer: string;
  ok: boolean;
  /** Id of the first step that failed. */
  failed?: string;
  steps: StepReport[];
}

/** A step that was never reached is a skipped case: CI shows it, and shows that it is not the fault. */
export function junit(report: DemoReport, planned: readonly { id: string; title: string }[]): string {
  const cases = planned.map(({ id, title }) => {
    const step = report.steps.find((done) => done.step === id);
    const open = `    <testcase classname="uma.demo.${xml(report.story)}" name="${xml(`${id}: ${title}`)}"`;
    if (step === undefined) return `${open}><skipped message="not reached"/></testcase>`;
    const timed = `${open} time="${step.seconds.toFixed(3)}"`;
    if (step.ok) return `${timed}/>`;
    const { code, message } = step.error ?? { code: 'failed', message: '' };
    return `${timed}><failure type="${xml(code)}" message="${xml(message)}"/></testcase>`;
  });
  const failures = report.steps.filter(({ ok }) => !ok).length;
  const counts = `tests="${planned.length}" failures="${failures}" skipped="${planned.length - report.steps.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="uma demo ${xml(report.story)} on ${xml(report.issuer)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to hold them
const UNSPEAKABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const xml = (text: string): string => text.replace(UNSPEAKABLE, '').replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
