namespace Agb.Store;

/// <summary>Catalog hashes of a layer's sums: they reveal a missing or damaged file of sums, and prove a rebuilt one.</summary>
/// <param name="Metadata">Hash of all entries of the sums, without content.</param>
/// <param name="Contents">Hash of all files' content hashes; null while one is missing.</param>
internal sealed record LayerSeal(UInt128 Metadata, UInt128? Contents);
