"""Held-out sentences: none occurs in training, and many of their words neither."""

IDENTIFICATION = """The library closes at half past eight.
My sister bought a yellow umbrella yesterday.
Please send me the report before Friday.
We walked along the river until sunset.
How many people live in this village?
The engineer repaired the broken printer.
I have never seen such a beautiful garden.
Could you open the kitchen window?
The children are playing in the park.
Your package will arrive tomorrow morning.
He forgot his keys on the table.
The weather is going to be cold and rainy.
She speaks four languages and plays the violin.
Turn left after the old bridge.
Nobody knows where the treasure is hidden.
The doctor told him to drink more water.
I would like a cup of tea with honey.
The museum is closed on Mondays.
They travelled to Spain by train.
Is there a hospital near the station?
The black cat sleeps under the bed.
You can pay with cash or by card.
The meeting has been moved to Thursday.
A strong wind blew across the field.
Our team won the final game.
The baker makes fresh bread every morning.
Do not touch the hot stove.
His grandfather was a famous painter.
The battery of my phone is empty.
We are looking for a small apartment.
The moon is full tonight.
Can I borrow your bicycle for an hour?
The teacher explained the lesson twice.
Most birds fly south in winter.
There is a letter for you on the desk.
The soup needs a little more salt.
She painted the door green.
My brother works at the airport.
The lion is the king of the animals.
What would you like for dinner?
The price of sugar has doubled.
A good friend is worth more than gold.
They built a castle on the hill.
I will call you back in ten minutes.
The ship sailed into the harbor at dawn.
Everybody laughed when the clown fell over.
The camera is in the left pocket of my coat.
Honesty is the best policy.
The farmer feeds his horses twice a day.
This computer is faster than the old one.""".splitlines()

VARIED = """Hello world.
Hello, my name is Suno, and I like to talk.
Room 217 is on the second floor.
The ticket costs $12.50.
My flight leaves at 6:45 on March 3rd.
In 1969, two men walked on the moon.
Call 555 0199 before 5 pm.
About 30% of them agreed.
Wait... what was that?
No! Stop right there, please.
Well [laughs] that was a surprise.
[sighs] I suppose we should begin.
One, two, three; that is all.
Dr. Brown lives at 42 Oak Street.
Yes.
No, thank you.
Good night.
She said, "I will be there at noon."
It's a dog's life, isn't it?
The temperature fell to minus 7 degrees.
Seven thousand four hundred and twelve.
The quick brown fox jumps over the lazy dog.
Peter Piper picked a peck of pickled peppers.
She sells sea shells by the sea shore.
To be, or not to be: that is the question.
If you have any questions about your order, please press one, or stay on the line to speak with an agent.
Although it was raining heavily, the farmers kept working in the fields until the sun went down.
The committee has decided to postpone the meeting, because several members could not attend.
Between the mountains and the sea lies a narrow valley, where my grandmother was born.
When the power came back, every light in the building was on, and the old elevator started to hum.
Bring milk, eggs, flour, butter and two lemons.
Where are you going, and when will you be back?
The password is blue, seven, zebra.
Ladies and gentlemen, welcome aboard.
Your verification code is 4 8 1 5.
An apple a day keeps the doctor away.
We apologize for the inconvenience.
Elephants never forget a kindness.
Photosynthesis turns sunlight into sugar.
The orchestra played a magnificent symphony.
I'm afraid there's been a misunderstanding.
Please fasten your seat belts.
Mind the gap between the train and the platform.
That's one small step for a man.
The chemistry professor demonstrated a dangerous experiment.
You've got mail.
Quietly, the thief crept past the guard.
Jazz musicians often improvise.
Twelve drummers drumming, eleven pipers piping.
Thank you for listening, and goodbye.""".splitlines()
