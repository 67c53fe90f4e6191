// Plays the visitors of a job, each with a client of their own: one line of JSON in, and out what each was shown.
// A second line in, whatever it holds, has them send what they could not send before; one line out says that they did.
import { createInterface } from "node:readline";

const { createClient } = await import(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const job = JSON.parse((await lines.next()).value);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const errors = [];

const visits = job.visitors.map((visitorId) => {
  const onError = (error) => errors.push(`${error}`);
  return createClient({ url: job.url, token: job.token, visitorId, flushInterval: 3_600_000, onError });
});
const shown = {};
for (const client of visits) {
  await client.ready;
  const arms = Object.entries(job.experiments).map(([key, named]) => [key, client.variant(key, named)]);
  shown[client.visitorId] = Object.fromEntries(arms);
  for (const key of job.exposed) client.expose(key);
  if (job.converting.includes(client.visitorId)) client.track("signup", { value: 2 });
}
await Promise.all(visits.map((client) => client.flush()));
say({ shown, errors });
await lines.next();
await Promise.all(visits.map((client) => client.close()));
say({ errors });
