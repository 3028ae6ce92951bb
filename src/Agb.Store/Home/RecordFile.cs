namespace Agb.Store;

/// <summary>Checks of the store's binary files.</summary>
internal static class RecordFile
{
    /// <summary>Refuses a file with other content than its format.</summary>
    /// <exception cref="FormatException">The condition does not hold.</exception>
    internal static void Require(bool holds)
    {
        if (!holds)
        {
            throw new FormatException("other content");
        }
    }
}
