namespace Agb.Store;

/// <summary>Version of the on-disk format (docs/format.md). The catalog's schema has a separate version.</summary>
internal static class StoreFormat
{
    /// <summary>The newest supported format.</summary>
    internal const int Version = WithLargeFiles;

    /// <summary>A store with possible marks in its layers, plain files to older programs.</summary>
    internal const int WithMarks = 2;

    /// <summary>A store with possible contents outside of its layers, holes to older programs.</summary>
    internal const int WithLargeFiles = 3;

    // Format of a new store, readable by older programs as long as possible.
    private const int First = 1;

    private const string Prefix = "agb-store ";

    /// <summary>Checks the format of a store, or creates a new one.</summary>
    /// <exception cref="AgbException">StoreFormatTooNew, StoreCorrupt.</exception>
    internal static void Require(StorePaths paths)
    {
        if (!File.Exists(paths.FormatFile))
        {
            Begin(paths);
            return;
        }
        var text = File.ReadAllText(paths.FormatFile).Trim();
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !int.TryParse(text[Prefix.Length..], out var version) || version < 1)
        {
            throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt,
                $"'{paths.FormatFile}' does not name a store format; expected '{Prefix}{Version}', found '{text[..Math.Min(text.Length, 40)]}'.",
                "Restore the file from a backup, or set AGB_HOME to another directory.");
        }
        if (version > Version)
        {
            throw new AgbException(
                AgbErrorIds.StoreFormatTooNew, AgbErrorKind.DataCorrupt,
                $"The store '{paths.Home}' has the format {version}; this version of Agb reads formats up to {Version}.",
                "Update the Agb module, or set AGB_HOME to another directory.");
        }
    }

    private static void Begin(StorePaths paths)
    {
        if (File.Exists(paths.Catalog))
        {
            throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt,
                $"The store '{paths.Home}' has a catalog but no format file.",
                $"If the file was lost, write '{Prefix}{Version}' into '{paths.FormatFile}'.");
        }
        Write(paths, First);
    }

    /// <summary>Raises the format durably, before the first content unknown to older formats is written.</summary>
    internal static void Raise(StorePaths paths, int version)
    {
        var text = File.ReadAllText(paths.FormatFile).Trim();
        if (!int.TryParse(text[Math.Min(Prefix.Length, text.Length)..], out var current) || current < version)
        {
            Write(paths, version);
        }
    }

    private static void Write(StorePaths paths, int version)
    {
        // Two processes may write the same; the rename is atomic.
        AtomicFile.Replace(paths.FormatFile, System.Text.Encoding.ASCII.GetBytes($"{Prefix}{version}\n"), flush: true);
        using var home = Fd.OpenDirectory(paths.Home);
        home.Sync();
    }
}
