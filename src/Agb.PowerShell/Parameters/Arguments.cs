namespace Agb.PowerShell;

/// <summary>Converts parameter values to request values.</summary>
internal static class Arguments
{
    /// <summary>Converts a table to text keys and values; null becomes empty.</summary>
    internal static Dictionary<string, string> Strings(IDictionary? table)
    {
        var strings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            strings[Text(entry.Key)] = Text(entry.Value);
        }
        return strings;
    }

    /// <summary>Converts a number of seconds to a span.</summary>
    /// <exception cref="AgbException">InvalidSessionOption: out of range for a span.</exception>
    internal static TimeSpan Seconds(double seconds, string parameter)
    {
        // A year bounds all limits of the contract; a value beyond the range of TimeSpan would overflow in its constructor.
        if (!(Math.Abs(seconds) <= TimeSpan.MaxValue.TotalSeconds / 2))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"-{parameter} is {seconds.ToString(CultureInfo.InvariantCulture)} seconds, more than a time span can hold.", target: seconds);
        }
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>A value without the wrapper of PowerShell.</summary>
    internal static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static string Text(object? value) => value is null ? "" : LanguagePrimitives.ConvertTo<string>(value);

    /// <summary>Requires an argument, for constructors with a call to another one.</summary>
    internal static T NotNull<T>(T given)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(given);
        return given;
    }
}
