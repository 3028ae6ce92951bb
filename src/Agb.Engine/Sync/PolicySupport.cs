namespace Agb.Engine.Sync;

/// <summary>Which policies this service carries out. One that it does not is refused, never ignored: data that is kept
/// or left out against a user's word is worse than an error.</summary>
internal static class PolicySupport
{
    /// <summary>Checks a valid policy.</summary>
    /// <exception cref="AgbException">PolicyNotSupported.</exception>
    internal static void Require(AgbSyncPolicy policy)
    {
        if (policy.Upload.UploadMode == AgbUploadMode.Archive)
        {
            throw NotSupported("the upload mode Archive", "Use the upload mode File.");
        }
    }

    private static AgbException NotSupported(string what, string remedy) => new(
        AgbErrorIds.PolicyNotSupported, AgbErrorKind.InvalidInput, $"The embedded service does not carry out {what} yet.", remedy);
}
