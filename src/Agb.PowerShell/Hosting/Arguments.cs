using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>Turns what parameters take into what requests hold.</summary>
internal static class Arguments
{
    /// <summary>A table as text to text; null values become empty.</summary>
    internal static Dictionary<string, string> Strings(IDictionary? table)
    {
        var strings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            strings[Text(entry.Key)] = Text(entry.Value);
        }
        return strings;
    }

    /// <summary>A number of seconds as a span.</summary>
    /// <exception cref="AgbException">InvalidSessionOption, when no span can hold it.</exception>
    internal static TimeSpan Seconds(double seconds, string parameter)
    {
        // A year bounds all limits of the contract; beyond what a TimeSpan holds its constructor would overflow.
        if (!(Math.Abs(seconds) <= TimeSpan.MaxValue.TotalSeconds / 2))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"-{parameter} is {seconds.ToString(CultureInfo.InvariantCulture)} seconds, which no time span can hold.", target: seconds);
        }
        return TimeSpan.FromSeconds(seconds);
    }

    private static string Text(object? value) => value is null ? "" : LanguagePrimitives.ConvertTo<string>(value);

    /// <summary>An argument that must be there, for constructors that pass it on.</summary>
    internal static T NotNull<T>(T given)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(given);
        return given;
    }
}
