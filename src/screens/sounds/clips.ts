// The recorded clips, as files of this service. Those that come with it are made by a speech program: see clips/README.md.

const addresses = import.meta.glob<string>('./clips/*.wav', { query: '?url', import: 'default', eager: true });

/** Names of the clips there are. */
export const clipNames: readonly string[] = Object.keys(addresses).map((path) => path.replace(/^.*\/|\.wav$/g, ''));

/** Addresses of all clips, for fetching them before they are needed. */
export const clipAddresses: readonly string[] = Object.values(addresses);

export async function loadClip(clip: string): Promise<ArrayBuffer | undefined> {
  const address = addresses[`./clips/${clip}.wav`];
  if (address === undefined) return undefined;
  const reply = await fetch(address);
  return reply.ok ? reply.arrayBuffer() : undefined;
}
