namespace Agb.Engine;

/// <summary>Names of keys, and the keysyms of X for them.</summary>
internal static class DesktopKeys
{
    private static readonly Dictionary<string, string> s_keysyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Ctrl"] = "Control_L", ["Control"] = "Control_L", ["LeftCtrl"] = "Control_L", ["RightCtrl"] = "Control_R",
        ["Shift"] = "Shift_L", ["LeftShift"] = "Shift_L", ["RightShift"] = "Shift_R",
        ["Alt"] = "Alt_L", ["LeftAlt"] = "Alt_L", ["RightAlt"] = "Alt_R", ["AltGr"] = "ISO_Level3_Shift", ["Option"] = "Alt_L",
        ["Win"] = "Super_L", ["Windows"] = "Super_L", ["Super"] = "Super_L", ["Meta"] = "Super_L", ["Cmd"] = "Super_L", ["Command"] = "Super_L",
        ["Enter"] = "Return", ["Return"] = "Return", ["Tab"] = "Tab", ["Space"] = "space", ["Backspace"] = "BackSpace",
        ["Delete"] = "Delete", ["Del"] = "Delete", ["Insert"] = "Insert", ["Ins"] = "Insert", ["Esc"] = "Escape", ["Escape"] = "Escape",
        ["Home"] = "Home", ["End"] = "End", ["PageUp"] = "Prior", ["PgUp"] = "Prior", ["Page_Up"] = "Prior",
        ["PageDown"] = "Next", ["PgDn"] = "Next", ["PgDown"] = "Next", ["Page_Down"] = "Next",
        ["Up"] = "Up", ["Down"] = "Down", ["Left"] = "Left", ["Right"] = "Right",
        ["ArrowUp"] = "Up", ["ArrowDown"] = "Down", ["ArrowLeft"] = "Left", ["ArrowRight"] = "Right",
        ["CapsLock"] = "Caps_Lock", ["NumLock"] = "Num_Lock", ["ScrollLock"] = "Scroll_Lock",
        ["PrintScreen"] = "Print", ["Print"] = "Print", ["Pause"] = "Pause", ["Break"] = "Break", ["Menu"] = "Menu", ["ContextMenu"] = "Menu",
    };

    /// <summary>The keysym of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isKnown">Whether the keysym is sure to exist; otherwise it is the name itself.</param>
    /// <exception cref="AgbException">InvalidDesktopAction: no name at all.</exception>
    internal static string Keysym(string? name, out bool isKnown)
    {
        isKnown = true;
        if (string.IsNullOrEmpty(name))
        {
            throw Unknown(name);
        }
        if (s_keysyms.TryGetValue(name, out var keysym))
        {
            return keysym;
        }
        if (name.Length is 2 or 3 && name[0] is 'F' or 'f' && int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 24)
        {
            return string.Create(CultureInfo.InvariantCulture, $"F{number}");
        }
        if (Rune.TryGetRuneAt(name, 0, out var rune) && rune.Utf16SequenceLength == name.Length && !Rune.IsControl(rune))
        {
            // A letter names its key, in either case.
            return Rune.IsLetter(rune) && rune.IsAscii ? Rune.ToLowerInvariant(rune).ToString() : Of(rune);
        }
        isKnown = false;
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : throw Unknown(name);
    }

    /// <summary>The keysym of a character.</summary>
    internal static string Of(Rune character) => string.Create(CultureInfo.InvariantCulture, $"U{character.Value:X4}");

    /// <summary>The error for an unknown name.</summary>
    internal static AgbException Unknown(string? name) => AgbErrors.Invalid(
        AgbErrorIds.InvalidDesktopAction, $"There is no key '{name}'.",
        "Expected: a letter, a digit or another character, a name such as Ctrl, Shift, Alt, Enter, Delete, PageUp or F1, or a keysym of X.", name);
}
