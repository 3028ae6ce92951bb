using System.Text;

namespace Agb.Linux;

/// <summary>Text of mountinfo (proc(5)).</summary>
internal static class MountInfo
{
    /// <summary>Undoes the kernel's octal escapes of space, tab, newline and backslash.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return result.ToString();
    }
}
