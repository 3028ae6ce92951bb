namespace Agb.Store;

/// <summary>Versions of a context that are kept.</summary>
/// <param name="KeepVersions">Number of newest versions that are kept whatever their age.</param>
/// <param name="KeepVersionsFor">Age below which a version is kept whatever its number.</param>
internal sealed record RetentionOptions(int KeepVersions, TimeSpan KeepVersionsFor);
