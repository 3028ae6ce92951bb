namespace Agb.Engine.Store;

/// <summary>The version of the on-disk format (docs/format.md). The catalog's schema has a number of its own.</summary>
internal static class StoreFormat
{
    /// <summary>The format that this program writes, and the newest that it reads.</summary>
    internal const int Version = 2;

    private const string Prefix = "agb-store ";

    /// <summary>Checks the format of a store, or begins a new one.</summary>
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

    /// <summary>Makes a store of an older format one of this format, durably. Called before anything is written that an older program would read
    /// wrong; what it wrote stays as it is.</summary>
    internal static void Raise(StorePaths paths)
    {
        if (File.ReadAllText(paths.FormatFile).Trim() != $"{Prefix}{Version}")
        {
            Write(paths);
        }
    }

    private static void Write(StorePaths paths)
    {
        // Two processes may do so at once; both write the same, and a rename puts it there whole.
        var temporary = $"{paths.FormatFile}.{Guid.NewGuid():N}";
        File.WriteAllText(temporary, $"{Prefix}{Version}\n");
        using var home = Native.Fd.OpenDirectory(paths.Home);
        using (var file = home.OpenReadAt(Path.GetFileName(temporary)))
        {
            file.Sync();
        }
        File.Move(temporary, paths.FormatFile, overwrite: true);
        home.Sync();
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
        Write(paths);
    }
}
