using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>Resolves paths of this machine as PowerShell does: relative to its location, with its drives. Belongs to the
/// pipeline thread.</summary>
internal static class HostPath
{
    /// <summary>The full path of an exact path.</summary>
    /// <exception cref="AgbException">InvalidPath: its drive is not a file system.</exception>
    internal static string Literal(SessionState session, string path)
    {
        try
        {
            var full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            RequireFileSystem(provider, path);
            return full;
        }
        catch (Exception e) when (e is ItemNotFoundException or ProviderInvocationException or RuntimeException and not PipelineStoppedException)
        {
            throw NotFound(path, e);
        }
    }

    /// <summary>The full paths that match a pattern, perhaps none.</summary>
    /// <exception cref="AgbException">FileNotFound: it has no wildcards and no file is there; InvalidPath.</exception>
    internal static Collection<string> Matching(SessionState session, string pattern)
    {
        try
        {
            var found = session.Path.GetResolvedProviderPathFromPSPath(pattern, out var provider);
            RequireFileSystem(provider, pattern);
            return found;
        }
        catch (Exception e) when (e is ItemNotFoundException or ProviderInvocationException or RuntimeException and not PipelineStoppedException)
        {
            throw NotFound(pattern, e);
        }
    }

    private static void RequireFileSystem(ProviderInfo provider, string path)
    {
        if (provider.Name != "FileSystem")
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The path '{path}' is on a drive of {provider.Name}, which has no files.",
                "Give a path of this machine's file system.", path);
        }
    }

    private static AgbException NotFound(string path, Exception cause) => new(
        AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"This machine has nothing at '{path}'.",
        "Check the path; -LiteralPath takes names with wildcard characters.", path, cause);
}
