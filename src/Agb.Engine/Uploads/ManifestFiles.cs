namespace Agb.Engine;

/// <summary>The manifests of a mount, beside its tree.</summary>
internal static class ManifestFiles
{
    internal static string PathOf(string directory, string layerId) => Path.Combine(directory, "manifest." + layerId);

    /// <summary>Makes a saved manifest durable.</summary>
    internal static void Flush(string directory, string layerId)
    {
        using var mount = Fd.OpenDirectory(directory);
        using (var manifest = mount.OpenReadAt("manifest." + layerId))
        {
            manifest.Sync();
        }
        mount.Sync();
    }

    /// <summary>Removes the manifests of earlier uploads.</summary>
    internal static void RemoveOld(string directory, string layerId, ILogger log)
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory, "manifest.*").Where(f => !f.EndsWith("." + layerId, StringComparison.Ordinal)))
            {
                FaultSeam.Before("unlink", file);
                File.Delete(file);
            }
        }
        catch (Exception e)
        {
            // The upload is committed and must not fail any more; the files are removed with the session.
            log.ManifestsKept(directory, e);
        }
    }
}
