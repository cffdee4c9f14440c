/** Launch template versions that were deleted; moto keeps them all. */
export interface DeletedVersions {
  add(templateId: string, version: number): void;
  has(templateId: string, version: number): boolean;
  clear(): void;
}

export function createDeletedVersions(): DeletedVersions {
  const deleted = new Set<string>();
  return {
    add: (templateId, version) => void deleted.add(`${templateId}:${version}`),
    has: (templateId, version) => deleted.has(`${templateId}:${version}`),
    clear: () => deleted.clear(),
  };
}
