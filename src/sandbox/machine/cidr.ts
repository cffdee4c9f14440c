export interface Cidr {
  first: number;
  prefix: number;
}

/** Reads `a.b.c.d/n`; a bare address is one host. */
export function parseCidr(text: string): Cidr {
  const [address = "", prefix = "32"] = text.split("/");
  return { first: parseAddress(address), prefix: Number(prefix) };
}

export function parseAddress(text: string): number {
  return text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

export function formatCidr({ first, prefix }: Cidr): string {
  return `${formatAddress(first)}/${prefix}`;
}

export function overlap(one: Cidr, other: Cidr): boolean {
  return one.first < other.first + size(other) && other.first < one.first + size(one);
}

/** The n-th of the blocks of this prefix inside the range. */
export function subBlock(range: Cidr, prefix: number, n: number): Cidr {
  return { first: range.first + n * size({ first: 0, prefix }), prefix };
}

export function size({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}
