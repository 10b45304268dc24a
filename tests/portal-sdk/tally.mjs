// A reporter: what failed and why, and `N passed, M failed` in the end. What is skipped has failed.

export default async function* tally(events) {
  let [passed, failed] = [0, 0];
  for await (const { type, data } of events) {
    if (type === "test:pass" && data.skip === undefined && data.todo === undefined) {
      passed += 1;
      yield `ok      ${data.name}\n`;
    } else if (type === "test:fail" || type === "test:pass") {
      failed += 1;
      const error = data.details?.error;
      yield `FAILED  ${data.name}\n${error?.cause?.stack ?? error?.message ?? "skipped"}\n`;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
