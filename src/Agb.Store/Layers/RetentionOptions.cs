namespace Agb.Store;

/// <summary>Retention of a context's versions.</summary>
/// <param name="KeepVersions">Number of newest versions kept at any age.</param>
/// <param name="KeepVersionsFor">Age below which all versions are kept.</param>
internal sealed record RetentionOptions(int KeepVersions, TimeSpan KeepVersionsFor);
