using System.Collections.ObjectModel;

namespace Agb.PowerShell;

/// <summary>Resolves paths of this machine as PowerShell does: relative to its location, with its drives. Belongs to the
/// pipeline thread.</summary>
internal static class HostPath
{
    /// <summary>The full path of an exact path.</summary>
    /// <exception cref="AgbException">InvalidPath: its drive is not a file system.</exception>
    internal static string Literal(SessionState session, string path) =>
        Resolve(path, () => (session.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _), provider));

    /// <summary>The full paths that match a pattern, perhaps none.</summary>
    /// <exception cref="AgbException">FileNotFound: it has no wildcards and no file is there; InvalidPath.</exception>
    internal static Collection<string> Matching(SessionState session, string pattern) =>
        Resolve(pattern, () => (session.Path.GetResolvedProviderPathFromPSPath(pattern, out var provider), provider));

    private static T Resolve<T>(string path, Func<(T Found, ProviderInfo Provider)> resolve)
    {
        try
        {
            var (found, provider) = resolve();
            return provider.Name == "FileSystem" ? found : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The path '{path}' is on a drive of {provider.Name}, which has no files.",
                "Give a path of this machine's file system.", path);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new AgbException(
                AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"This machine has nothing at '{path}'.",
                "Check the path; -LiteralPath takes names with wildcard characters.", path, e);
        }
    }
}
