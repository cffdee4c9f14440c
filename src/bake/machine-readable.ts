/** One line of `packer build -machine-readable`. */
export interface PackerMessage {
  /** The build it is about; empty for Packer itself. */
  target: string;
  /** `ui`, `error`, `artifact`, … */
  type: string;
  data: string[];
}

/** Reads one line, or gives undefined for what is not in the format, like a crash's trace. */
export function parseMessage(line: string): PackerMessage | undefined {
  const [time, target, type, ...data] = line.split(",");
  if (target === undefined || type === undefined || !/^\d+$/.test(time ?? "")) return undefined;
  return { target, type, data: data.map(unescaped) };
}

/** What a person would have seen of it, without Packer's prefixes. */
export function spokenText(message: PackerMessage): string | undefined {
  if (message.type !== "ui") return undefined;
  return (message.data[1] ?? "").replace(/^(==> |\s{4})?amazon-ebs\.app: ?/, "");
}

function unescaped(field: string): string {
  return field.replaceAll("%!(PACKER_COMMA)", ",").replaceAll("\\n", "\n").replaceAll("\\r", "\r");
}
