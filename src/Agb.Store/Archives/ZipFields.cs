namespace Agb.Store;

/// <summary>Extra fields of a zip's members (APPNOTE.TXT 4.5).</summary>
internal static class ZipFields
{
    /// <summary>The bytes of a field; empty without one.</summary>
    internal static ReadOnlySpan<byte> Find(byte[]? extra, int tag)
    {
        using var fields = new ZipExtraData(extra ?? []);
        return ((MemoryStream?)fields.GetStreamForTag(tag))?.ToArray();
    }
}
